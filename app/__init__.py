"""The explorer: what Streamlit serves, one package an idea."""
