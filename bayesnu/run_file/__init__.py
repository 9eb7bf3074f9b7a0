"""A whole analysis in one TOML file: what it may say, and how it is carried out."""
