/** The plain user as whom root runs the rootless tests; tools/setup makes it. */
export const testUserName = 'podwright-test'
