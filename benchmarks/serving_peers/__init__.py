"""Who the scorer is measured beside: a bare echo as the limit, and four servers of scikit-learn."""
