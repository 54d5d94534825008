import type { CreateVolumeOptions } from '@podwright/contracts'
import { type Command, defineCommand } from '../command-line/command.ts'
import type { FlagDefinitions, FlagValues } from '../command-line/flags.ts'
import { CliError } from '../errors.ts'
import { readNamedValues } from '../volumes/named-values.ts'

const flags = {
  driver: { kind: 'text', short: 'd', description: 'What makes the volume', defaultText: 'local' },
  gid: { kind: 'integer', value: 'GID', description: 'The group that it belongs to, as -o gid=GID' },
  ignore: { kind: 'boolean', description: 'One of that name is left as it is, whatever its options are' },
  label: { kind: 'words', short: 'l', value: 'NAME[=VALUE]', description: 'Set a label' },
  name: { kind: 'text', description: 'The name; as an argument', hidden: true },
  opt: {
    kind: 'words',
    short: 'o',
    value: 'NAME[=VALUE]',
    description: "Set an option of the driver's: type, device, o, uid, gid, copy, nocopy",
  },
  uid: { kind: 'integer', value: 'UID', description: 'The user that it belongs to, as -o uid=UID' },
} as const satisfies FlagDefinitions

/** `podwright volume create` */
export const volumeCreate: Command = defineCommand({
  name: 'volume create',
  usage: '[options] [NAME]',
  summary: 'Make a volume',
  description:
    'Prints its name: 64 random digits unless one is given. A volume of that name with the same driver, options and labels is no error; one with others is.',
  flags,
  arguments: { minimum: 0, maximum: 1 },
  examples: [
    'volume create data',
    'volume create --label tier=db -o uid=999 -o gid=999 data',
    'volume create -o type=tmpfs -o o=size=100m,mode=1777 scratch',
    'volume create -o type=none -o device=/srv/site -o o=bind site',
    'volume create -o type=nfs -o device=:/export -o o=addr=10.0.0.1,rw shared',
  ],
  async run(context, { flags: chosen, args }) {
    const options = createOptions(chosen, args[0])
    const engine = await context.engine()
    const { name } = await engine.volumes.create({ ...options, signal: context.signals.signal })
    context.stdout.write(`${name}\n`)
    return 0
  },
})

function createOptions(chosen: FlagValues<typeof flags>, argument: string | undefined): CreateVolumeOptions {
  if (argument !== undefined && chosen.name !== undefined && argument !== chosen.name) {
    throw new CliError('ERR_CLI_FLAG_CONFLICT', `the volume is named twice: ${argument} and --name ${chosen.name}`)
  }
  const owner = [chosen.uid === undefined ? [] : [`uid=${chosen.uid}`], chosen.gid === undefined ? [] : [`gid=${chosen.gid}`]].flat()
  const options = readNamedValues('--opt', [...chosen.opt, ...owner])
  const labels = readNamedValues('--label', chosen.label)
  return {
    name: argument ?? chosen.name,
    driver: chosen.driver,
    // Those that aren't given aren't compared.
    ...(Object.keys(options).length > 0 && { options }),
    ...(Object.keys(labels).length > 0 && { labels }),
    existing: chosen.ignore === true ? 'any' : 'same',
  }
}
