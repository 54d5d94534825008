/** The engine's version; a test holds it to package.json's. */
export const engineVersion = '0.1.0'
