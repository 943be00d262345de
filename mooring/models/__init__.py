"""Models: fitted with scikit-learn, compiled to what is served."""
