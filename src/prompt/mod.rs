//! The questions. What is asked comes from the catalog; who answers (a terminal, a test) stands behind a trait.
