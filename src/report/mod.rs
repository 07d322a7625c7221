//! What is made of whole files of questions: golden tests.

pub mod golden;
