/** Which package brings a Python module, where their names differ. */
const packages: Readonly<Record<string, string>> = {
  attr: "attrs",
  bs4: "beautifulsoup4",
  Bio: "biopython",
  cairo: "pycairo",
  Crypto: "pycryptodome",
  cv2: "opencv-python",
  dateutil: "python-dateutil",
  discord: "discord.py",
  docx: "python-docx",
  dotenv: "python-dotenv",
  fitz: "PyMuPDF",
  git: "GitPython",
  github: "PyGithub",
  jose: "python-jose",
  jwt: "PyJWT",
  kafka: "kafka-python",
  Levenshtein: "python-Levenshtein",
  magic: "python-magic",
  mpl_toolkits: "matplotlib",
  multipart: "python-multipart",
  MySQLdb: "mysqlclient",
  nacl: "PyNaCl",
  OpenSSL: "pyOpenSSL",
  osgeo: "GDAL",
  PIL: "Pillow",
  pkg_resources: "setuptools",
  pptx: "python-pptx",
  psycopg2: "psycopg2-binary",
  pylab: "matplotlib",
  rest_framework: "djangorestframework",
  ruamel: "ruamel.yaml",
  serial: "pyserial",
  skimage: "scikit-image",
  sklearn: "scikit-learn",
  slugify: "python-slugify",
  socks: "PySocks",
  telegram: "python-telegram-bot",
  umap: "umap-learn",
  usb: "pyusb",
  websocket: "websocket-client",
  win32api: "pywin32",
  wx: "wxPython",
  yaml: "PyYAML",
  zmq: "pyzmq"
}

/** What to install for `import module`. */
export const pythonPackage = (module: string): string => {
  const name = module.split(".", 1)[0]!
  return Object.hasOwn(packages, name) ? packages[name]! : name
}

/** What to install for `import "module"`; null for a file. */
export const nodePackage = (module: string): string | null => {
  if (/^(?:[./]|file:)/.test(module)) return null
  return module.split("/", module.startsWith("@") ? 2 : 1).join("/")
}
