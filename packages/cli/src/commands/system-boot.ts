import { readBootStart, enableBootStart, turnBootStartOff } from '../boot/boot-start.ts'
import { ownBootHost } from '../boot/host.ts'
import { bootText } from '../boot/tell-boot.ts'
import { type Command, defineCommand } from '../command-line/command.ts'
import { CliError } from '../errors.ts'

/** `podwright system boot` */
export const systemBoot: Command = defineCommand({
  name: 'system boot',
  usage: '[options]',
  summary: 'Show, turn on or off that containers are started after a reboot',
  description:
    'The first container with the restart policy always or unless-stopped turns it on: by a unit of systemd, where that is the init, else by an @reboot line in the crontab.',
  flags: {
    enable: { kind: 'boolean', description: 'Have them started' },
    disable: { kind: 'boolean', description: 'Have them not started, whatever containers are made' },
  },
  arguments: { minimum: 0, maximum: 0 },
  examples: ['system boot', 'system boot --disable', 'system boot --enable'],
  async run(context, { flags: { enable = false, disable = false } }) {
    if (enable && disable) throw new CliError('ERR_CLI_FLAG_CONFLICT', '--enable and --disable contradict each other')
    const host = ownBootHost(context.env)
    const change = enable ? enableBootStart : disable ? turnBootStartOff : readBootStart
    const found = change(host)
    if ((enable || disable) && found.by === 'none') {
      throw new CliError('ERR_CLI_BOOT', 'cannot have anything done at boot: this host has neither systemd nor a crontab', {
        hint: `Have your system run this when it starts: podwright start --all --filter restart-policy=always`,
      })
    }
    context.stdout.write(bootText(found, host))
    return 0
  },
})
