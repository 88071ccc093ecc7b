"""The paper's tables and its Figure 8, run on the rendered benchmark."""
