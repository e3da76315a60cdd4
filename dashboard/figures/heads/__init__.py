"""The heatmap of a model's heads."""
