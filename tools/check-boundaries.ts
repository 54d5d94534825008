/**
 * Holds the workspace to the house's layers; the rules are described in docs/ARCHITECTURE.md.
 *
 *     node tools/check-boundaries.ts            prints each breach and ends with 1, or says what was looked at
 */
import { readImportGraph } from './boundaries/graph.ts'
import { housePolicy } from './boundaries/policy.ts'
import { findViolations } from './boundaries/rules.ts'
import { readWorkspace } from './workspace/workspace.ts'

const graph = readImportGraph(readWorkspace())
const violations = findViolations(graph, housePolicy)
for (const { rule, where, message } of violations) console.error(`${where}: ${message} (${rule})`)

const imports = graph.nodes.reduce((sum, node) => sum + node.references.length, 0)
console.log(`${graph.nodes.length} packages, ${imports} imports, ${violations.length} breaches`)
process.exitCode = violations.length > 0 ? 1 : 0
