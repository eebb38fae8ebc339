from .sub import deep
THING = "thing " + str(deep.depth())
