package import GRDB

// GRDB's blob type is Foundation's `Data`, and layers below 9 do without Foundation. A blob is
// therefore made by way of the enumeration case that holds one and read as a sequence of bytes:
// nothing here names the type.

extension [UInt8] {
  /// The bytes as a database blob.
  package var blob: DatabaseValue { makeBlob(self, like: DatabaseValue.Storage.blob) }

  /// The bytes of a blob column; empty when the column holds something else.
  package init(blob value: DatabaseValue) {
    guard case .blob(let data) = value.storage else {
      self = []
      return
    }
    self.init(data)
  }
}

private func makeBlob<Bytes: RangeReplaceableCollection & DatabaseValueConvertible>(
  _ bytes: [UInt8], like storage: (Bytes) -> DatabaseValue.Storage
) -> DatabaseValue where Bytes.Element == UInt8 {
  Bytes(bytes).databaseValue
}
