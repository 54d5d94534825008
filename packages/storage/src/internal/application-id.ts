/** `PRAGMA application_id` of a storage's database: 'pwst'. */
export const storageApplicationId = 0x70777374
