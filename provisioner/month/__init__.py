"""What has to be done this month: asked of the machine, the store and what other checks have kept."""
