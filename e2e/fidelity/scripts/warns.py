import warnings, logging
warnings.warn("careful", DeprecationWarning)
warnings.warn("plain")
logging.warning("logged %s", 1)
logging.basicConfig(level=logging.INFO, format="%(levelname)s:%(name)s:%(message)s", force=True)
logging.getLogger("app").info("info")
