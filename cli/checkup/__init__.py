"""Whether all is in place that the automation needs: facts are read, ailments follow from them."""
