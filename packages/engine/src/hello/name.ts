/** The full name that the embedded image has in storage. */
export const helloName = 'localhost/hello:latest'
