/** What a script is told, and what it finds around it. */
import type { Scenario } from "../Door.ts"
import { python } from "./python.ts"

export const surroundings: ReadonlyArray<Scenario> = [
  python(
    "arguments with spaces, quotes and nothing in them",
    "import sys, json\nprint(json.dumps(sys.argv[1:]))\n",
    { status: "completed", stdout: "[\"two words\", \"\", \"it's\", \"\\\"quoted\\\"\", \"-v\", \"--x=1\", \"$HOME\", \"*\", \"\\u00fcn\\u00ef\"]\n" },
    { args: ["two words", "", "it's", "\"quoted\"", "-v", "--x=1", "$HOME", "*", "ünï"] }
  ),
  python(
    "variables",
    "import os\nprint(os.environ['MODE'], os.environ['EMPTY'] == '', os.environ['TWO'])\n",
    { status: "completed", stdout: "fast True a b=c\n" },
    { env: { MODE: "fast", EMPTY: "", TWO: "a b=c" } }
  ),
  python(
    "a secret, masked in what is printed",
    "import os\nprint(len(os.environ['TOKEN']))\nprint('token is', os.environ['TOKEN'])\n",
    { status: "completed", stdout: "22\ntoken is ***\n" },
    { secrets: { TOKEN: "s3cr3t-value-of-length" } }
  ),
  python(
    "the working directory's own path",
    "import os\nprint(os.path.samefile('.', os.path.dirname(os.path.abspath(__file__))))\n",
    { status: "completed", stdout: "True\n" }
  ),
  python(
    "no network",
    "import socket\ntry:\n  socket.create_connection(('1.1.1.1', 53), 2)\n  print('open')\nexcept OSError:\n  print('closed')\n",
    { status: "completed", stdout: "closed\n" },
    { network: "none" }
  ),
  python(
    "metadata",
    "print(1)\n",
    { status: "completed", metadata: { ticket: "RG-7", team: "data & more" } },
    { metadata: { ticket: "RG-7", team: "data & more" } }
  )
]
