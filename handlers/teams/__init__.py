"""Teams: cards and forms drawn as Adaptive Cards."""
