"""Networks that others trained and published: their files brought into ours."""
