from .. import __name__ as parent
def depth():
    return parent, 2
