import { type Contender, run, time } from './contender.ts'

/** The words that pull an image. */
export function pullArgs(contender: Contender, image: string): string[] {
  return ['pull', '--quiet', ...contender.plainHttp, image]
}

/** Pulls an image. */
export function pull(contender: Contender, image: string): void {
  run(contender, ...pullArgs(contender, image))
}

/** The words that push an image to where its name says. */
export function pushArgs(contender: Contender, image: string): string[] {
  return ['push', '--quiet', ...contender.plainHttp, image]
}

/** Removes an image, if it is there. */
export function removeImage(contender: Contender, image: string): void {
  time(contender, ['rmi', '-f', image])
}
