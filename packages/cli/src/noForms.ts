/** Stands for `FormData` in this program: naming Node's own loads its whole `fetch`, and no command sends a form. */
export const NoForms = class {
  readonly entries = []
}
