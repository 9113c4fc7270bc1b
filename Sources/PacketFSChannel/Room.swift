import Crypto
enum Room {}
