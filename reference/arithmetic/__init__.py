"""What the reference runs on: floats as they are, noise, balls, and simulated low precision.

Each arithmetic is a kind of array. The reference knows none of them: NumPy hands every ufunc and every array
function to the array it is applied to (`__array_ufunc__`, `__array_function__`), and `array.py` sorts them out.
"""
