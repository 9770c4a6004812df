/** What a bundler makes of an import that ends with `?url`. */
export default '';
