/*
 * The engine's program inside the user namespace, bundled beside the command. The compile cache comes with the environment.
 */
import '@podwright/engine/worker'
