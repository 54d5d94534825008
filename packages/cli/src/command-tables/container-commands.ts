import type { CommandEntry } from '../command-table.ts'

/** What containers do. */
export const containerCommands: readonly CommandEntry[] = [
  {
    names: ['attach', 'container attach'],
    summary: 'Join the terminal or streams of a running container',
    load: async () => (await import('../commands/attach.ts')).attach,
  },
  {
    names: ['container checkpoint'],
    summary: 'Write the processes of containers to disk, and end them',
    load: async () => (await import('../commands/container-checkpoint.ts')).containerCheckpoint,
  },
  {
    names: ['container cleanup'],
    summary: 'Record the end of containers and give back what they held',
    hidden: true,
    load: async () => (await import('../commands/container-cleanup.ts')).containerCleanup,
  },
  {
    names: ['container clone'],
    summary: 'Make another container like one',
    load: async () => (await import('../commands/container-clone.ts')).containerClone,
  },
  {
    names: ['container exists'],
    summary: 'Tell by the exit status whether a container is here',
    load: async () => (await import('../commands/container-exists.ts')).containerExists,
  },
  {
    names: ['generate spec'],
    summary: "Print a container's OCI runtime config",
    load: async () => (await import('../commands/generate-spec.ts')).generateSpec,
  },
  {
    names: ['healthcheck run'],
    summary: "Run a container's health check now",
    load: async () => (await import('../commands/healthcheck-run.ts')).healthcheckRun,
  },
  {
    names: ['init', 'container init'],
    summary: 'Make the processes of containers without letting them run',
    load: async () => (await import('../commands/init.ts')).init,
  },
  {
    names: ['container inspect'],
    summary: 'Show everything known of containers',
    load: async () => (await import('../commands/inspect.ts')).containerInspect,
  },
  {
    names: ['container prune'],
    summary: 'Remove containers that do not run',
    load: async () => (await import('../commands/container-prune.ts')).containerPrune,
  },
  {
    names: ['cp', 'container cp'],
    summary: 'Copy files between containers and the local file system',
    load: async () => (await import('../commands/cp.ts')).cp,
  },
  {
    names: ['create', 'container create'],
    summary: 'Make a container without starting it',
    load: async () => (await import('../commands/create.ts')).create,
  },
  {
    names: ['describe', 'container describe'],
    summary: 'Print the command that makes a container again',
    load: async () => (await import('../commands/describe.ts')).describe,
  },
  {
    names: ['exec', 'container exec'],
    summary: 'Run a command in a running container',
    load: async () => (await import('../commands/exec.ts')).exec,
  },
  {
    names: ['kill', 'container kill'],
    summary: 'Send a signal to running containers',
    load: async () => (await import('../commands/kill.ts')).kill,
  },
  {
    names: ['logs', 'container logs'],
    summary: 'Show what containers wrote',
    load: async () => (await import('../commands/logs.ts')).logs,
  },
  {
    names: ['pause', 'container pause'],
    summary: 'Keep the processes of containers from running',
    load: async () => (await import('../commands/pause.ts')).pause,
  },
  {
    names: ['port', 'container port'],
    summary: 'Show which ports of this host lead to a container',
    load: async () => (await import('../commands/port.ts')).port,
  },
  {
    names: ['ps', 'container ls', 'container list', 'container ps'],
    summary: 'List containers',
    load: async () => (await import('../commands/ps.ts')).ps,
  },
  {
    names: ['rename', 'container rename'],
    summary: 'Give a container another name',
    load: async () => (await import('../commands/rename.ts')).rename,
  },
  {
    names: ['container restore'],
    summary: 'Have containers go on from their checkpoints',
    load: async () => (await import('../commands/container-restore.ts')).containerRestore,
  },
  {
    names: ['restart', 'container restart'],
    summary: 'Stop containers and start them again',
    load: async () => (await import('../commands/restart.ts')).restart,
  },
  {
    names: ['rm', 'container rm', 'container remove'],
    summary: 'Remove containers',
    load: async () => (await import('../commands/rm.ts')).rm,
  },
  {
    names: ['run', 'container run'],
    summary: 'Run a command in a new container',
    load: async () => (await import('../commands/run.ts')).run,
  },
  {
    names: ['start', 'container start'],
    summary: 'Start containers',
    load: async () => (await import('../commands/start.ts')).start,
  },
  {
    names: ['stats', 'container stats'],
    summary: 'Show what containers use of processors, memory, network and disks',
    load: async () => (await import('../commands/stats.ts')).stats,
  },
  {
    names: ['stop', 'container stop'],
    summary: 'Stop running containers',
    load: async () => (await import('../commands/stop.ts')).stop,
  },
  {
    names: ['top', 'container top'],
    summary: 'Show the processes of a container',
    load: async () => (await import('../commands/top.ts')).top,
  },
  {
    names: ['unpause', 'container unpause'],
    summary: 'Let the processes of paused containers go on',
    load: async () => (await import('../commands/unpause.ts')).unpause,
  },
  {
    names: ['update', 'container update'],
    summary: 'Change limits, restart policy, health check and variables of containers',
    load: async () => (await import('../commands/update.ts')).update,
  },
  {
    names: ['wait', 'container wait'],
    summary: 'Wait until containers end and print their exit codes',
    load: async () => (await import('../commands/wait.ts')).wait,
  },
]
