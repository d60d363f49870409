"""Path-star graphs: "The Pitfalls of Next-Token Prediction" (2403.06963), a conceptual paper made exact."""
