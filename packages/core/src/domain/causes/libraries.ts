/** Whether a frame's file is no part of a script: an installed package's, or the language's own. */
export const isLibrary = (file: string): boolean =>
  /[/\\](?:(?:site|dist)-packages|node_modules)[/\\]|[/\\]lib[/\\]python\d|^<frozen|^node:/.test(file)
