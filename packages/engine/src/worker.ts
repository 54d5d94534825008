/**
 * The program that the engine runs inside its user namespace for what owns or reads mapped files. It serves storage's tasks until its
 * parent is gone.
 *
 * @packageDocumentation
 */
import { serveNamespaceTasks } from '@podwright/userns'

serveNamespaceTasks({ storage: async () => (await import('@podwright/storage')).storageTaskHandlers })
