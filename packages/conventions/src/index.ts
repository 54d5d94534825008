/**
 * What every podwright package shares: the error base, and the conventions of cancellation, progress, time and tear-down.
 *
 * @packageDocumentation
 */
export { type Clock, systemClock } from './clock.ts'
export { isPodwrightError, messageOf, PodwrightError, type PodwrightErrorOptions, systemCodeOf } from './errors.ts'
export { type AbortOptions, emitProgress, type ProgressOptions } from './options.ts'
export { tearDown, type TearDownStep } from './tear-down.ts'
