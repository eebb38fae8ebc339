PART = "namespace"
