internal import BinaryCoding

// shape     := operation count varint, operation*
// operation := 0, length varint, bytes     writes the bytes
//            | 1                           ends a section, if one is open, and begins one
//            | 2, column varint            writes the column's next leaf
//            | 3, scope varint             writes an array: length, then each element by its shape

/// One step of writing a record, or an element of an array, from columns.
enum ShapeOperation: Equatable {
  case bytes(Range<Int>)
  case section
  case sectionEnd
  case leaf(column: Int)
  case array(scope: Int)
}

/// The rows, or the elements of an array: what has a shape each.
struct ShapeScope {
  /// The array's length; nothing for the rows.
  var lengthColumn: Int
  /// The column of the elements' shapes.
  var elementColumn: Int
  /// The operations of each shape.
  var shapes: [[ShapeOperation]] = []
}
