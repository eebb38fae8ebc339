interface Point { readonly x: number; readonly y: number }
const point: Point = { x: 1, y: 2 }
console.log(point satisfies Point, process.argv.length as number)
