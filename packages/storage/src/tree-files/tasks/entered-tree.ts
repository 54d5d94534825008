/** The tree that this process has gone into. */
export interface EnteredTree {
  /** Descriptors of the FIFOs that tars come and go through. */
  readonly input: number
  readonly output: number
  /** Directories whose content is the kernel's, not the tree's: `/proc`, `/sys`. Absolute. */
  readonly kernelDirectories: ReadonlySet<string>
}

let entered: EnteredTree | undefined

/** Notes where this process is; there is no way back. */
export function setEnteredTree(tree: EnteredTree): void {
  entered = tree
}

/** Where this process is: paths mean the host's files before that, and nothing may be done with them. */
export function enteredTree(): EnteredTree {
  if (entered === undefined) throw new TypeError('this process has not gone into a tree')
  return entered
}

/** Whether this process has gone into a tree. */
export function hasEnteredTree(): boolean {
  return entered !== undefined
}
