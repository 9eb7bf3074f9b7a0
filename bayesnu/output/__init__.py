"""Pictures and tables of results: they read results, never compute them."""
