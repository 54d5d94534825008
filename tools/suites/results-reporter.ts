import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node'
import { resultsVariable, type SuiteResults, type TestOutcome } from './results.ts'

/** A vitest reporter that writes what run-suite.ts counts: each test with its note, and what failed outside of tests. */
export default class ResultsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const path = process.env[resultsVariable]
    if (path === undefined) return
    const results: SuiteResults = {
      tests: modules.flatMap((module) => [...module.children.allTests()].map((test) => outcomeOf(module, test))),
      faults: [...modules.flatMap(faultsOf), ...unhandled.map((error) => `outside of any test: ${error.message}`)],
    }
    writeFileSync(path, JSON.stringify(results))
  }
}

function outcomeOf(module: TestModule, test: TestCase): TestOutcome {
  const result = test.result()
  // A test that was never finished (its worker died) is a failure, whatever the run says about it.
  const state = result.state === 'pending' ? 'failed' : result.state
  const note = result.state === 'skipped' ? result.note : undefined
  const { counts } = test.meta()
  return {
    file: fileOf(module),
    name: test.fullName,
    state,
    ...(note === undefined ? {} : { note }),
    ...(counts === undefined ? {} : { counts }),
  }
}

function faultsOf(module: TestModule): string[] {
  const inModule = module.errors().map((error) => `${fileOf(module)}: ${error.message}`)
  const inSuites = [...module.children.allSuites()].flatMap((suite) =>
    suite.errors().map((error) => `${fileOf(module)}, ${suite.fullName}: ${error.message}`),
  )
  return [...inModule, ...inSuites]
}

function fileOf(module: TestModule): string {
  return relative(process.cwd(), module.moduleId)
}
