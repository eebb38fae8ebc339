import helper
from package import thing
from package.sub.deep import depth
import spaced.part
print(helper.NAME, thing.THING, depth(), spaced.part.PART)
