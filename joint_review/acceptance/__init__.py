"""Joint completion acceptance (联合验收): one application, one visit, one opinion."""
