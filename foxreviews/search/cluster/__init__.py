"""The index in a cluster of OpenSearch, for SEARCH_ENGINE=opensearch."""
