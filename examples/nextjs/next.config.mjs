/** The library starts programs and reads files beside the app: it stays as it is, outside the bundle. */
export default { serverExternalPackages: ["rgrid"] }
