import { PodwrightError } from '@podwright/conventions'
import { expect, test } from 'vitest'
import { exitCodeOf, exitCodeOfAbsence } from '../src/exit-codes.ts'

test.each([
  ['ERR_CONTAINER_COMMAND_NOT_FOUND', {}, 127],
  ['ERR_RUNTIME_COMMAND_NOT_FOUND', {}, 127],
  ['ERR_CONTAINER_COMMAND_NOT_EXECUTABLE', {}, 126],
  ['ERR_RUNTIME_COMMAND_NOT_EXECUTABLE', {}, 126],
  ['ERR_RUNTIME_WORKING_DIRECTORY', { exitStatus: 126 }, 126],
  ['ERR_RUNTIME_FAILED', {}, 125],
  ['ERR_REGISTRY_UNAUTHORIZED', { exitStatus: 3 }, 125],
  ['ERR_CLI_INTERRUPTED', { signalNumber: 15 }, 143],
  ['ERR_CONTAINER_NOT_FOUND', {}, 125],
])('%s %j: %d', (code, details, status) => {
  expect(exitCodeOf(new PodwrightError(code, 'x', { details }))).toBe(status)
})

test('what is no error of ours', () => {
  expect(exitCodeOf(new TypeError('x'))).toBe(125)
  expect(exitCodeOf('x')).toBe(125)
})

test('absence is told from failure', () => {
  expect(exitCodeOfAbsence(new PodwrightError('ERR_CONTAINER_NOT_FOUND', 'x'))).toBe(1)
  expect(exitCodeOfAbsence(new PodwrightError('ERR_IMAGE_NOT_FOUND', 'x'))).toBe(1)
  expect(exitCodeOfAbsence(new PodwrightError('ERR_CONTAINER_RUNNING', 'x'))).toBe(125)
})
