/** What is wrong with a file of dependencies, in words. */
import type { RequirementsMissing, RequirementsRefused } from "./errors.ts"
import type { Sentence } from "./sentences.ts"

const installsNothing = "--requirements none installs nothing."

const missing = ({ from, nearest, path }: RequirementsMissing): Sentence => {
  const look = from === null ? "Check the path; it is relative to the current directory" : "Correct it there"
  return {
    what: `There is no file ${path}.`,
    why: from === null ? "" : `${from} names it.`,
    fix: nearest === null ? `${look}; ${installsNothing}` : `Did you mean ${nearest}?`
  }
}

const known = "requirements.txt, pyproject.toml, uv.lock, a script with a # /// script block, or package.json with its lock"

const refused = ({ detail, line, path, reason }: RequirementsRefused): Sentence => {
  const at = line === null ? path : `${path}:${line}`
  switch (reason) {
    case "malformed":
      return { what: `${at}: What it needs can't be read.`, why: `${detail}.`, fix: `Mend it; ${installsNothing}` }
    case "secret":
      return {
        what: `${at}: It holds ${detail}.`,
        why: "It would be stored on the grid, where others of it may read it.",
        fix: `Take it out: the grid's runner knows its own package index. ${installsNothing}`
      }
    case "outside":
      return {
        what: `${path} is not sent.`,
        why: `${detail} leads to it, out of the project.`,
        fix: `Copy it into the project, or name it itself: --requirements ${path}`
      }
    case "keys":
      return { what: `${path} is not sent.`, why: `It is where keys are, and ${detail} leads to it.`, fix: `Take it out; ${installsNothing}` }
    case "unreadable":
      return { what: `${path} can't be read.`, why: `${detail}.`, fix: `Check its permissions; ${installsNothing}` }
    case "large":
      return { what: `${path} is not sent.`, why: "It is too large for a list of packages.", fix: installsNothing }
    case "unknown":
      return { what: `Nothing can be installed from ${path}.`, why: "", fix: `Give ${known}.` }
  }
}

export const requirementsSentence = (error: RequirementsMissing | RequirementsRefused): Sentence =>
  error._tag === "RequirementsMissing" ? missing(error) : refused(error)
