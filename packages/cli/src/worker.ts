/*
 * The engine's program inside the user namespace, bundled beside the command. The compile cache comes with the environment.
 */
// oxlint-disable-next-line import/no-unassigned-import -- the module is a program
import '@podwright/engine/worker'
